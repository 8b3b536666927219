package org.fl4j.aggregation;

import java.util.List;
import java.util.Optional;
import org.fl4j.client.ClientUpdate;
import org.fl4j.client.UpdateRejectedException;
import org.jspecify.annotations.Nullable;

/**
 * The sum of a {@link LinearRound}, over a fixed tree: {@value #BLOCK_SIZE} clients a
 * block, {@value #BLOCKS_PER_SUPER_BLOCK} blocks a super-block, super-blocks in order; by position in the cohort,
 * missing clients skipped. The tree is part of the format: with it, blocks may be summed anywhere and the bits stay.
 *
 * <p>Memory: three vectors at most, whatever the cohort. Thread rule: that of {@link Aggregation}.
 */
public final class LinearAggregation implements Aggregation {

    /** How many clients form a block: {@value}. */
    public static final int BLOCK_SIZE = 16;

    /** How many blocks form a super-block: {@value}. */
    public static final int BLOCKS_PER_SUPER_BLOCK = 16;

    private final LinearRound round;
    private final List<Segment> segments;
    private final UpdateEncoder encoder;

    private @Nullable Summand total;
    private @Nullable Summand superBlock;
    private int superBlockIndex;
    private @Nullable Summand block;
    private int blockIndex;
    private int nextBlock;

    LinearAggregation(LinearRound round) {
        this.round = round;
        this.segments = round.segments();
        this.encoder = round.encoder();
    }

    /**
     * A sum to encode the updates of one block into.
     *
     * @return all zero
     */
    public Summand emptyBlock() {
        return Summand.zero(segments);
    }

    /**
     * Encodes to see whether that can be done; {@link #add} encodes again. Contributions are not kept in between: each is a
     * vector, some are never added, and a rule in front of this one may add another update than the one that was looked at.
     */
    @Override
    public Optional<String> refusal(ClientUpdate update) {
        try {
            encoder.encode(update);
            return Optional.empty();
        } catch (UpdateRejectedException e) {
            return Optional.of(e.reason());
        }
    }

    @Override
    public void add(int position, ClientUpdate update) {
        add(position, encoder.encode(update));
    }

    /**
     * Adds what an encoder made of an update.
     *
     * @param position as in {@link #add(int, ClientUpdate)}
     * @param contribution of this round's encoder; used up
     */
    public void add(int position, UpdateEncoder.Contribution contribution) {
        int index = position / BLOCK_SIZE;
        if (index != blockIndex) {
            closeBlock();
        }
        if (block == null) {
            blockIndex = index;
            block = emptyBlock();
        }
        contribution.addTo(block);
    }

    /**
     * Adds the finished sum of a block, instead of its updates.
     *
     * @param index the block's position, ascending from call to call
     * @param sum over the block's clients; taken over, not copied
     * @throws IllegalArgumentException if a block at this position or a later one was added already
     */
    public void addBlock(int index, Summand sum) {
        if (index < nextBlock) {
            throw new IllegalArgumentException(
                    "blocks must be added in ascending order; block " + index + " came after block " + (nextBlock - 1));
        }
        nextBlock = index + 1;
        if (index / BLOCKS_PER_SUPER_BLOCK != superBlockIndex) {
            closeSuperBlock();
            superBlockIndex = index / BLOCKS_PER_SUPER_BLOCK;
        }
        superBlock = plus(superBlock, sum);
    }

    @Override
    public Aggregation.Result finish() {
        closeBlock();
        closeSuperBlock();
        return round.decode(total == null ? emptyBlock() : total);
    }

    private void closeBlock() {
        if (block != null) {
            addBlock(blockIndex, block);
            block = null;
        }
    }

    private void closeSuperBlock() {
        if (superBlock != null) {
            total = plus(total, superBlock);
            superBlock = null;
        }
    }

    /** A running sum never holds -0, so moving the first summand in has the bits of adding it to zero. */
    private static Summand plus(@Nullable Summand sum, Summand more) {
        if (sum == null) {
            return more;
        }
        sum.add(more);
        return sum;
    }
}
