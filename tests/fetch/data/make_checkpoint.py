"""Write ``checkpoint/`` with TensorFlow itself: a small network as the published one is, and what it computes.

Run with any Python that has TensorFlow (2.16 or later, in its TensorFlow 1 mode):

    python tests/fetch/data/make_checkpoint.py

The variables have the published names and the published activations, losses and optimizer, so the files hold the
optimizer's slots and the centers too. Inputs and outputs are text with all the digits of a float32.
"""

from pathlib import Path

import numpy as np
import tensorflow as tf

tf1 = tf.compat.v1
FOLDER = Path(__file__).parent / "checkpoint"
GENES, WIDTHS, CLASSES, SAMPLES = 23, (16, 11, 9, 6), 4, 13


def dense(name, inputs, width, activation=None):
    with tf1.variable_scope(name):
        kernel = tf1.get_variable(
            "kernel",
            (inputs.shape[1], width),
            initializer=tf1.variance_scaling_initializer(scale=1.0, mode="fan_in", seed=7),
        )
        bias = tf1.get_variable("bias", (width,), initializer=tf1.zeros_initializer())
    outputs = tf.matmul(inputs, kernel) + bias
    return outputs if activation is None else activation(outputs)


def build(samples, one_hot):
    layer = samples
    for number, width in enumerate(WIDTHS, 1):
        layer = dense(f"fc{number}", layer, width, tf.nn.selu)
    codes = layer
    for number, width in enumerate((*WIDTHS[-2::-1], GENES), 1):
        last = width == GENES
        layer = dense(f"de_fc{number}", layer, width, tf.nn.relu if last else tf.nn.selu)
    logits = dense("dense", codes, CLASSES)
    centers = tf1.get_variable("centers", (CLASSES, WIDTHS[-1]), initializer=tf1.zeros_initializer(), trainable=False)
    normalized = tf.math.l2_normalize(codes, axis=0)
    own = tf.matmul(one_hot, centers)
    center_loss = tf.reduce_mean(tf.reduce_sum(tf.square(normalized - own), axis=1))
    moved = tf1.assign_add(centers, 0.1 * tf.matmul(one_hot, normalized - own, transpose_a=True))
    cost = 0.25 * center_loss + 0.25 * tf.sqrt(tf.reduce_mean(tf.square(samples - layer)))
    cost += 0.5 * tf.reduce_mean(tf.nn.softmax_cross_entropy_with_logits(labels=one_hot, logits=logits))
    return codes, layer, logits, cost, moved


def main():
    tf1.disable_eager_execution()
    tf1.set_random_seed(3)
    rng = np.random.default_rng(5)
    inputs = np.round(rng.gamma(2.0, 2.0, (SAMPLES, GENES)), 3).astype(np.float32)
    labels = np.eye(CLASSES, dtype=np.float32)[np.arange(SAMPLES) % CLASSES]
    samples = tf1.placeholder(tf.float32, (None, GENES))
    one_hot = tf1.placeholder(tf.float32, (None, CLASSES))
    codes, rebuilt, logits, cost, moved = build(samples, one_hot)
    step = tf1.train.AdamOptimizer(1e-3).minimize(cost)
    feed = {samples: inputs, one_hot: labels}
    FOLDER.mkdir(exist_ok=True)
    with tf1.Session() as session:
        session.run(tf1.global_variables_initializer())
        for _ in range(30):
            session.run([step, moved], feed)
        tf1.train.Saver(tf1.global_variables()).save(session, str(FOLDER / "autoencoder_ratchet"))
        results = session.run({"codes": codes, "rebuilt": rebuilt, "logits": logits}, feed)
        centers = session.run(next(v for v in tf1.global_variables() if v.op.name == "centers"))
    for name, values in {"inputs": inputs, "centers": centers, **results}.items():
        np.savetxt(FOLDER / f"{name}.tsv", values, fmt="%.9g", delimiter="\t")
    (FOLDER / "tensorflow_version.txt").write_text(f"{tf.__version__}\n")
    for name in ("checkpoint", "autoencoder_ratchet.meta"):  # a list of checkpoints, and the graph: neither is read
        (FOLDER / name).unlink(missing_ok=True)


if __name__ == "__main__":
    main()
