"""Madoguchi: a customer-service desk."""
