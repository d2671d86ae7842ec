"""A stand-in for the model: a text means the concepts whose words stand in it, in any language."""

import numpy as np

CONCEPTS = {
    0: ("parcel", "paket", "荷物", "包裹", "delivery", "lieferung"),
    1: ("warranty", "garantie", "保証", "保修", "broken"),
    2: ("refund", "erstattung", "返金", "退款", "money back"),
    3: ("limit", "grenze", "上限"),
    4: ("job", "hiring", "求人", "招人", "徵人", "bewerben", "mitarbeiter"),
}


class Concepts:
    name = "concepts-1"

    def __init__(self):
        self.asked = 0

    def questions(self, texts):
        self.asked += len(texts)
        return np.stack([self._vector(text) for text in texts]) if texts else np.zeros((0, 384), np.float32)

    passages = questions

    def _vector(self, text):
        vector = np.zeros(384, np.float32)
        vector[383] = 0.5
        for number, words in CONCEPTS.items():
            vector[number] = sum(word in text.lower() for word in words)
        vector[10 + len(text) % 50] = 0.05
        return vector / np.linalg.norm(vector)
