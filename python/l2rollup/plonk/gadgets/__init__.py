"""Gadgets: rows that are worth a name. Each takes the builder and wires, and returns wires; `Circuit` has a method for
each.

A gadget asserts all it claims: no argument needs to have been checked before, unless its docstring says so.
"""
