"""`trato bench`: how fast Trato is, as ratios against a floor measured in the same run on the same machine."""
