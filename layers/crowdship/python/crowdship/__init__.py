"""crowdship: the rules and use cases of a crowdsourced delivery network, one package per room."""
