"""What a refresh costs and how late it is noticed, measured from the real state machine.

Every figure comes from a run of the deployed definition in the local account, in virtual time.
"""
