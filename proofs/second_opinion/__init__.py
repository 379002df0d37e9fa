"""What others say about the definitions: the reference JSONata, and two validators.

``python -m proofs.second_opinion`` (``make second-opinion``) records, with Node.js and the network;
``make test`` compares with what was recorded.
"""
