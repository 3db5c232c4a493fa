"""What a delivery costs the merchant and earns the driver. Asked by the others, asks nobody."""
