package org.fl4j.aggregation;

import org.fl4j.internal.BinaryReader;
import org.fl4j.internal.BinaryWriter;

/**
 * How a selector draws cohorts: what a privacy accountant may assume. The selector states it, the rule reads it in the
 * {@link RoundContext}, and nobody types a sampling probability twice.
 */
public sealed interface SamplingScheme {

    /**
     * Writes this as fields of a larger record.
     *
     * @param out where to
     */
    void writeTo(BinaryWriter out);

    /**
     * Reads what {@link #writeTo} wrote.
     *
     * @param in where from
     * @return the scheme
     */
    static SamplingScheme readFrom(BinaryReader in) {
        String name = in.readString();
        return switch (name) {
            case EveryClient.NAME -> new EveryClient();
            case FixedSize.NAME -> new FixedSize(in.readInt());
            case Poisson.NAME -> new Poisson(in.readDouble(), Source.valueOf(in.readString()));
            case Separated.NAME -> new Separated(in.readInt());
            case Other.NAME -> new Other(in.readString());
            default -> throw in.corrupt("no sampling scheme is named '" + name + "'");
        };
    }

    /** Every client in every round. */
    record EveryClient() implements SamplingScheme {

        private static final String NAME = "every-client";

        @Override
        public void writeTo(BinaryWriter out) {
            out.writeString(NAME);
        }
    }

    /**
     * A uniform sample of fixed size without replacement.
     *
     * @param size how many
     */
    record FixedSize(int size) implements SamplingScheme {

        private static final String NAME = "fixed-size";

        @Override
        public void writeTo(BinaryWriter out) {
            out.writeString(NAME);
            out.writeInt(size);
        }
    }

    /**
     * Every client independently with the same probability.
     *
     * @param probability in (0, 1]
     * @param source where the coins come from; only cryptographic ones amplify privacy
     */
    record Poisson(double probability, Source source) implements SamplingScheme {

        private static final String NAME = "poisson";

        @Override
        public void writeTo(BinaryWriter out) {
            out.writeString(NAME);
            out.writeDouble(probability);
            out.writeString(source.name());
        }
    }

    /**
     * No client in two of any {@code rounds} successive rounds, by their numbers: abandoned rounds count. Clients are divided
     * into that many groups of about the same size. Nothing is random, and who is in a cohort may be known.
     *
     * @param rounds b, at least 1
     */
    record Separated(int rounds) implements SamplingScheme {

        private static final String NAME = "separated";

        @Override
        public void writeTo(BinaryWriter out) {
            out.writeString(NAME);
            out.writeInt(rounds);
        }
    }

    /**
     * Anything else: nothing may be assumed.
     *
     * @param description for the statement
     */
    record Other(String description) implements SamplingScheme {

        private static final String NAME = "other";

        @Override
        public void writeTo(BinaryWriter out) {
            out.writeString(NAME);
            out.writeString(description);
        }
    }

    /** Where the coins of a draw come from. */
    enum Source {
        /** A cryptographic generator, fresh in every run. */
        CRYPTOGRAPHIC,
        /** The run's seed, which whoever knows it can replay. */
        SEEDED
    }
}
