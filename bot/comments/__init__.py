"""Comments: residents' words on the municipality's accounts, and the people who answer them."""
