"""E-mail: written when it is sent, handed over by SMTP, tried again for a day."""
