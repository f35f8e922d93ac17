"""How well the guards work, on labelled texts: personal data taken out, instructions in untrusted text found."""
