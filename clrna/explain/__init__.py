"""Which genes speak for a label and against it, of a model and of single samples.

What is explained is the classifier on the codes: the difference of its logits. Votes of neighbours and the placement of
a study, which a predicted label also takes into account, are not.

>>> from clrna.explain.logit_path import LogitPath
>>> from clrna.explain.files import explain_model, explaining_file
"""
