"""A fictitious brand, generated from a known truth."""

from warehouse.demo.generator import DemoReport, generate_demo

__all__ = ["DemoReport", "generate_demo"]
