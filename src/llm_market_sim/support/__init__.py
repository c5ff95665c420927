"""What any program needs: registries, files written whole, objects shown in notebooks."""
