"""CREATIVITY IN POLICY: from needs to measures, and back to the needs with what was done."""
