"""Deploying the fleet to an account, and deleting it there.

The account is AWS's, or with AWS_ENDPOINT_URL that of a local cloud that
somebody else has started. `aws.py` beside this folder is the entry.
"""
