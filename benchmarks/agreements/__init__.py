"""How long the pages that show every entente together take, at 500 ententes and at 5,000."""
