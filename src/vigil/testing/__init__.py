"""Public fakes, one for each port: for the tests of Vigil and of whoever builds on it. Nothing in production imports this."""
