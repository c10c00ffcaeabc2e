"""Paints a portrait."""

from diffusers import StableDiffusionPipeline


def paint(prompt: str) -> object:
    """A picture for a prompt."""
    return StableDiffusionPipeline.from_pretrained("a-model")(prompt).images[0]
