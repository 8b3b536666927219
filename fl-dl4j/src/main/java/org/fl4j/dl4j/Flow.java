package org.fl4j.dl4j;

/** The shape of one example's activations between two layers of a plan. */
sealed interface Flow {

    int length();

    /** A vector. */
    record Flat(int length) implements Flow {}

    /** An image, channels last. */
    record Image(int height, int width, int channels) implements Flow {

        @Override
        public int length() {
            return height * width * channels;
        }
    }

    /** A sequence, time-major: [steps, width]. */
    record Sequence(int steps, int width) implements Flow {

        @Override
        public int length() {
            return steps * width;
        }
    }

    /** The steps of a sequence as rows of the mini-batch, as layers for vectors see them; in memory [steps, width] too. */
    record Steps(int steps, int width) implements Flow {

        @Override
        public int length() {
            return steps * width;
        }
    }
}
