"""The commands of the command line, one file a subject. Each imports what it needs when it runs."""
