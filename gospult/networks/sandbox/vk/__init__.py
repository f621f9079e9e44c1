"""VK's API 5.199 as the sandbox answers it: the part that Госпульт needs, with VK's errors and limits."""
