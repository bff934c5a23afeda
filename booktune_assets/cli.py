"""placeholder, replaced"""
