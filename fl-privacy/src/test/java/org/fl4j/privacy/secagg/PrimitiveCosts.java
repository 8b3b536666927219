package org.fl4j.privacy.secagg;

import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.IntStream;
import javax.crypto.Cipher;
import javax.crypto.KeyAgreement;
import javax.crypto.spec.IvParameterSpec;
import javax.crypto.spec.SecretKeySpec;
import org.fl4j.privacy.secagg.internal.crypto.Ed25519;
import org.fl4j.privacy.secagg.internal.crypto.KeyPair25519;
import org.fl4j.privacy.secagg.internal.crypto.X25519;
import org.fl4j.privacy.secagg.internal.sharing.SecretSharing;

/**
 * What the primitives of a secure sum cost: medians of short samples of a thread's CPU time, taken in turns with what they are
 * compared to, so that a busy machine slows both.
 */
final class PrimitiveCosts {

    private static final ThreadMXBean CPU = ManagementFactory.getThreadMXBean();

    private enum Primitive {
        JDK_AGREEMENT,
        AGREEMENT,
        MASK_MEGABYTE,
        SPLIT,
        VERIFY
    }

    /** One repetition. */
    private interface Work {

        void run() throws Exception;
    }

    private final SecureRandom random = new SecureRandom();
    private final byte[] scalar = KeyPair25519.fresh(random).scalar();
    private final byte[] peer = KeyPair25519.fresh(random).publicKey();
    private final KeyPair jdkOwn;
    private final KeyPair jdkPeer;
    private final KeyPair identity = Ed25519.freshKeys();
    private final byte[] signature;
    private final Cipher cipher = Cipher.getInstance("AES/CTR/NoPadding");
    private final byte[] zeros = new byte[1 << 14];
    private final byte[] stream = new byte[1 << 14];
    private final int[] holders = IntStream.range(0, 500).toArray();
    private final Map<Primitive, List<Double>> micros = new TreeMap<>();

    PrimitiveCosts() throws Exception {
        KeyPairGenerator generator = KeyPairGenerator.getInstance("X25519");
        jdkOwn = generator.generateKeyPair();
        jdkPeer = generator.generateKeyPair();
        signature = Ed25519.sign(identity.getPrivate(), peer);
        cipher.init(Cipher.ENCRYPT_MODE, new SecretKeySpec(new byte[32], "AES"), new IvParameterSpec(new byte[16]));
    }

    /** Forgets all samples. */
    void clear() {
        micros.clear();
    }

    /** Takes a sample of each, some 30 ms. */
    void sample() throws Exception {
        take(Primitive.JDK_AGREEMENT, 10, this::agreeByJdk);
        take(Primitive.AGREEMENT, 100, () -> X25519.agreeAll(scalar, new byte[][] {peer}));
        take(Primitive.MASK_MEGABYTE, 40, this::encryptMegabyte);
        take(Primitive.SPLIT, 2, () -> SecretSharing.split(scalar, 335, holders, random));
        take(Primitive.VERIFY, 4, () -> Ed25519.verify(identity.getPublic(), peer, signature));
    }

    private void agreeByJdk() throws Exception {
        KeyAgreement agreement = KeyAgreement.getInstance("X25519");
        agreement.init(jdkOwn.getPrivate());
        agreement.doPhase(jdkPeer.getPublic(), true);
        agreement.generateSecret();
    }

    private void encryptMegabyte() throws Exception {
        for (int i = 0; i < 1_000_000; i += zeros.length) {
            cipher.update(zeros, 0, Math.min(zeros.length, 1_000_000 - i), stream, 0);
        }
    }

    private void take(Primitive primitive, int repeats, Work work) throws Exception {
        long from = CPU.getCurrentThreadCpuTime();
        for (int i = 0; i < repeats; i++) {
            work.run();
        }
        double each = (CPU.getCurrentThreadCpuTime() - from) / 1e3 / repeats;
        micros.computeIfAbsent(primitive, p -> new ArrayList<>()).add(each);
    }

    private double micros(Primitive primitive) {
        return median(
                micros.get(primitive).stream().mapToDouble(Double::doubleValue).toArray());
    }

    static double median(double[] values) {
        double[] sorted = values.clone();
        Arrays.sort(sorted);
        return sorted[sorted.length / 2];
    }

    double agreementMicros() {
        return micros(Primitive.AGREEMENT);
    }

    /** Of the raw cipher. */
    double maskMicros(long bytes) {
        return micros(Primitive.MASK_MEGABYTE) * bytes / 1e6;
    }

    /** For 500 holders and a threshold of 335, the product of which it costs. */
    double splitMicros(int holderCount, int threshold) {
        return micros(Primitive.SPLIT) * holderCount * threshold / (500.0 * 335);
    }

    double verifyMicros() {
        return micros(Primitive.VERIFY);
    }

    @Override
    public String toString() {
        return String.format(
                Locale.ROOT,
                "agreement %.1f us (the JDK's %.1f), mask %.2f GB/s, split %.0f us, verify %.0f us",
                agreementMicros(),
                micros(Primitive.JDK_AGREEMENT),
                1e3 / micros(Primitive.MASK_MEGABYTE),
                splitMicros(500, 335),
                verifyMicros());
    }
}
