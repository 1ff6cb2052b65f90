"""Training of claimants: from the published file to artefacts, relations and a table of scores."""
