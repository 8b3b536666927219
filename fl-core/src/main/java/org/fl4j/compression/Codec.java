package org.fl4j.compression;

import org.fl4j.CorruptDataException;

/**
 * Makes bytes of a vector [n] and a vector of bytes, with loss: {@code x' = decode(encode(x, seed), n, seed)}. Every codec
 * keeps to this:
 *
 * <ul>
 *   <li>The payload's length is {@link #payloadLength}, whatever the values: it tells nothing of them.
 *   <li>The same vector and seed give the same bytes, and the same bytes and seed the same vector, on every platform.
 *       Numbers are big-endian; a stream of bits starts at the highest bit of a byte and ends with zeros up to a whole
 *       byte.
 *   <li>A vector of zeros decodes to zeros.
 *   <li>What is decoded is finite, whatever the bytes. A value beyond {@link Float#MAX_VALUE} becomes that value; only
 *       there is an unbiased codec biased.
 *   <li>NaN and infinities are not encoded.
 * </ul>
 *
 * <p>The seed is a client's own of one round, such that errors of different clients are independent and the server can
 * derive it: from {@link org.fl4j.random.Seeds}. It is no secret. A biased codec loses what it does not send; with error
 * feedback (Karimireddy, Rebjock, Stich, Jaggi, ICML 2019, algorithm 2) the client adds it to its next update.
 *
 * <p>Immutable and thread-safe.
 */
public sealed interface Codec permits Plain, Fp16, Signs, TopK, RandomK, Qsgd, Eden {

    /**
     * This codec as data; {@link #of} makes the same codec of it.
     *
     * @return name and parameters
     */
    CodecSpec spec();

    /**
     * Encodes a vector.
     *
     * @param x finite, at least one coordinate; not changed
     * @param seed where randomness comes from, and must come from when the payload is decoded
     * @return {@link #payloadLength} bytes
     * @throws IllegalArgumentException if a coordinate is NaN or infinite, or there is none
     */
    byte[] encode(float[] x, long seed);

    /**
     * Decodes what a client sent. The length is the caller's knowledge, so a payload that lies costs no memory.
     *
     * @param payload what {@link #encode} returned, or anything
     * @param n the number of coordinates, at least 1
     * @param seed the one it was encoded with
     * @return n finite coordinates
     * @throws CorruptDataException if encoding n coordinates cannot give these bytes
     * @throws IllegalArgumentException if n is out of range
     */
    float[] decode(byte[] payload, int n, long seed);

    /**
     * How long a payload is.
     *
     * @param n the number of coordinates, at least 1
     * @return in bytes
     * @throws IllegalArgumentException if n is below 1 or the payload would be larger than an array can be
     */
    int payloadLength(int n);

    /**
     * Whether the mean of what is decoded, over the seeds, is the vector that was encoded. Where it is not, clients need
     * error feedback to converge.
     *
     * @return true for {@link #none}, {@link #randomK}, {@link #qsgd} and {@link #eden}, see there
     */
    boolean isUnbiased();

    /**
     * No loss: n FP32 values.
     *
     * @return named {@code none}
     */
    static Codec none() {
        return new Plain();
    }

    /**
     * IEEE 754 half precision, rounded to nearest, ties to even: 16 bits a coordinate, a relative error of up to 2^-11 from
     * 2^-14 to 65504 in magnitude, an absolute one of 2^-25 below. Larger values become 65504. Biased, but little.
     *
     * @return named {@code fp16}
     */
    static Codec fp16() {
        return new Fp16();
    }

    /**
     * The signs and one scale, the mean magnitude (Karimireddy, Rebjock, Stich, Jaggi, ICML 2019, section 4): an FP32 and 1
     * bit a coordinate, set for negative ones; zeros count as positive. Biased, {@code |x'-x|^2 = |x|^2 - |x|_1^2/n}.
     *
     * <p>The mean of what is decoded is a vote that the scales weigh. The vote of signSGD (Bernstein, Wang, Azizzadenesheli,
     * Anandkumar, ICML 2018, algorithm 1, "majority") takes the sign of the sum over clients of {@code sign(x')}.
     *
     * @return named {@code sign}
     */
    static Codec sign() {
        return new Signs();
    }

    /**
     * The {@code k = ceil(fraction n)} coordinates of largest magnitude, of equal ones the first (Stich, Cordonnier, Jaggi,
     * NeurIPS 2018, definition 2.1): their values in FP32 in ascending order of their places, then the places in the form of
     * Elias and Fano: with {@code l = floor(log2(n/k))}, the places' lower l bits one after the other, then for each place
     * as many zeros as its upper part is above the last one's and a one; at most {@code 3 + l} bits a place. Biased,
     * {@code |x'-x|^2 <= (1-k/n) |x|^2}.
     *
     * @param fraction of the coordinates, above 0 and at most 1
     * @return named {@code top-k}
     * @throws IllegalArgumentException if the fraction is out of range
     */
    static Codec topK(double fraction) {
        return new TopK(fraction);
    }

    /**
     * {@code k = ceil(fraction n)} coordinates, drawn by the seed, n/k times as large (Konecny, McMahan, Yu, Richtarik,
     * Suresh, Bacon, 2016, "random mask"): k FP32 values in ascending order of their places, which do not travel. Unbiased,
     * {@code E |x'-x|^2 = (n/k-1) |x|^2}. Linear under a common seed.
     *
     * @param fraction of the coordinates, above 0 and at most 1
     * @return named {@code random-k}
     * @throws IllegalArgumentException if the fraction is out of range
     */
    static Codec randomK(double fraction) {
        return new RandomK(fraction);
    }

    /**
     * {@link #qsgd(int, int)} with buckets of {@value Qsgd#DEFAULT_BUCKET}.
     *
     * @param levels s, from 1 to 32,767
     * @return named {@code qsgd}
     * @throws IllegalArgumentException if it is out of range
     */
    static Codec qsgd(int levels) {
        return new Qsgd(levels, Qsgd.DEFAULT_BUCKET);
    }

    /**
     * In each bucket of d coordinates, {@code |x|_2 sign(x_i) l_i/s} with l_i the magnitude {@code s |x_i|/|x|_2} rounded to
     * one of its two neighbours at random (Alistarh, Grubic, Li, Tomioka, Vojnovic, NeurIPS 2017, section 3.1). Payload: for
     * each bucket its norm by the root of its d as an FP32, then for each coordinate {@code s} plus the signed level in
     * {@code ceil(log2(2s+1))} bits. Unbiased, {@code E |x'-x|^2 <= min(d/s^2, sqrt(d)/s) |x|^2}.
     *
     * <p>The paper's Elias code is shorter for few levels in large buckets; here every payload has the same length.
     *
     * @param levels s, from 1 to 32,767
     * @param bucket d, at least 1; the last bucket may be smaller
     * @return named {@code qsgd}
     * @throws IllegalArgumentException if a parameter is out of range
     */
    static Codec qsgd(int levels, int bucket) {
        return new Qsgd(levels, bucket);
    }

    /**
     * DRIVE and EDEN: blocks are rotated at random, which makes their coordinates nearly normal, each is quantised to the
     * nearest of the 2^bits values that suit a normal one best, and the result is scaled by {@code |x|^2/<R x, Q(R x)>}
     * (Vargaftik, Ben Basat, Portnoy, Mendelson, Ben-Itzhak, Mitzenmacher, NeurIPS 2021, and ICML 2022, algorithm 1;
     * values: Lloyd, Max, IRE Transactions on Information Theory 1960). {@code E |x'-x|^2 = (0.5708, 0.1331, 0.0358, 0.0096)
     * |x|^2} for 1 to 4 bits.
     *
     * <p>The rotation R is two Walsh-Hadamard transforms, each after random signs, of blocks of {@value Eden#BLOCK}
     * coordinates; what remains is cut into powers of two down to {@value Eden#LEAST_BLOCK}, the last one padded. Unbiased
     * only as far as R acts like a uniform rotation: docs/compression.md has what was measured, on sparse vectors too.
     *
     * <p>Payload: for each block its scale as an FP32 and {@code bits} planes of one bit a coordinate: the sign, set for
     * negative ones, then the index of the magnitude from its lowest bit on.
     *
     * @param bits a coordinate, from 1 to 4
     * @return named {@code eden}
     * @throws IllegalArgumentException if it is out of range
     */
    static Codec eden(int bits) {
        return new Eden(bits);
    }

    /**
     * The codec that a spec names.
     *
     * @param spec such as another codec's {@link #spec}
     * @return the codec
     * @throws IllegalArgumentException if there is no codec of this name, or its parameters are not these or out of range
     */
    static Codec of(CodecSpec spec) {
        return Specs.codec(spec);
    }
}
