"""English words that carry a sentence, by which a mixed text is known as English."""

_TEXT = """
a an the of in on at by for from to with without and or but not no is are was were be been do does
did has have had can could will would should how what which who whom whose when where why many much
most more less least than vs versus show give tell list compare find we our us i my me you your they
their them it its this that these those there last previous next per each every over under between
since during before after if as about only also please get let break down split all any some up out
into against
"""
FUNCTION_WORDS = frozenset(_TEXT.split())
