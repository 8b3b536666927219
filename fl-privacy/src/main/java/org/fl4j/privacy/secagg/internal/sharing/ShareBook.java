package org.fl4j.privacy.secagg.internal.sharing;

import java.util.Arrays;

/** The revealed shares of each client, up to the threshold. Closing erases them. */
public final class ShareBook implements AutoCloseable {

    private final int threshold;
    private final int[] counts;
    private final int[][] holders;
    private final byte[][][] shares;

    public ShareBook(int clients, int threshold) {
        this.threshold = threshold;
        this.counts = new int[clients];
        this.holders = new int[clients][];
        this.shares = new byte[clients][][];
    }

    public void add(int dealer, int holder, byte[] share) {
        if (holders[dealer] == null) {
            holders[dealer] = new int[threshold];
            shares[dealer] = new byte[threshold][];
        }
        int count = counts[dealer];
        if (count < threshold) {
            holders[dealer][count] = holder;
            shares[dealer][count] = share;
            counts[dealer]++;
        }
    }

    public int count(int dealer) {
        return counts[dealer];
    }

    /** As many as the threshold. */
    public int[] holders(int dealer) {
        return holders[dealer];
    }

    public byte[][] shares(int dealer) {
        return shares[dealer];
    }

    @Override
    public void close() {
        for (byte[][] ofDealer : shares) {
            if (ofDealer != null) {
                for (byte[] share : ofDealer) {
                    if (share != null) {
                        Arrays.fill(share, (byte) 0);
                    }
                }
            }
        }
    }
}
