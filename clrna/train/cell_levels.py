"""What coordinates of samples are expected to be where some genes are missing, by their class and study."""

import numpy as np
from numpy.typing import NDArray


class CellLevels:
    """What coordinates are expected to be: of a class, of a study's samples of the class, and of one sample.

    What is missing is so drawn towards the sample's own class and study, and not to the middle of all classes.
    """

    def __init__(self, coordinates: NDArray[np.float64], studies: NDArray[np.intp], labels: NDArray[np.int64]) -> None:
        self.means, between, within = {}, [], np.zeros(coordinates.shape[1])
        for label in np.unique(labels):
            own = [coordinates[(labels == label) & (studies == study)] for study in np.unique(studies[labels == label])]
            means = np.array([rows.mean(axis=0) for rows in own])
            self.means[int(label)] = means.mean(axis=0)
            between.append(means - self.means[int(label)])
            within += sum(((rows - mean) ** 2).sum(axis=0) for rows, mean in zip(own, means, strict=True))
        apart = np.concatenate(between)
        floor = 1e-6 * coordinates.var(axis=0) + 1e-12
        self.within = within / len(coordinates) + floor
        self.between = (apart**2).sum(axis=0) / max(len(apart) - len(self.means), 1) + self.within

    def estimate(self, given: NDArray, gram: NDArray, noise: float, label: int) -> NDArray[np.float64]:
        """Return coordinates of a study's samples of one class.

        Parameters
        ----------
        given
            Their products with the axes over the genes that they have, shape (samples, axes).
        gram
            Of the axes over these genes.
        noise
            Variance of a gene that the axes leave.
        label
            Their class.
        """
        class_mean = self.means[label]
        middle = given.mean(axis=0)
        # What one sample says of the cell's mean, (noise / gram + within)^-1, without the inverse of gram: where there
        # are fewer genes than axes it has none.
        told = np.linalg.solve(
            noise * np.eye(len(gram)) + gram * self.within, np.column_stack([gram, middle - gram @ class_mean])
        )
        gain = np.linalg.inv(len(given) * told[:, :-1] + np.diag(1 / self.between))
        cell = class_mean + gain @ (len(given) * told[:, -1])
        precision = gram + np.diag(noise / self.within)
        return cell + np.linalg.solve(precision, (given - middle).T).T
