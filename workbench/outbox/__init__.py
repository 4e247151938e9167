"""The outbox: released packs reach the readers that their signed manifests name, each once."""
