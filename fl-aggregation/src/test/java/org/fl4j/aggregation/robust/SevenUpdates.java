package org.fl4j.aggregation.robust;

import java.util.List;
import org.fl4j.aggregation.Rounds;
import org.fl4j.testkit.Fixtures;
import org.fl4j.weights.ModelDelta;
import org.nd4j.linalg.api.buffer.DataType;

/**
 * Seven updates of three parameters in sixteenths (exact in FP32), one Byzantine (f = 1, index 6); no ties but the
 * unavoidable ones of Bulyan, whose last selections are over one neighbour, where two mutual nearest always tie, and over
 * none. Expected values by exact rational arithmetic, Weiszfeld in FP64.
 */
final class SevenUpdates {

    static final double[][] VALUES = {
        {1.875, 1.1875, 2.25},
        {1.9375, 1.8125, 1.0625},
        {1.125, 1.25, 1.9375},
        {2.375, 1.625, 0.8125},
        {2.125, 1.125, 2.125},
        {1.6875, 1.5625, 0.5625},
        {100.0, -100.0, 50.0}
    };

    /** Over n - f - 2 = 4 nearest others, squared distances. */
    static final double[] KRUM_SCORES = {
        5.05859375, 4.04296875, 5.76171875, 5.37109375, 4.8046875, 6.04296875, 88860.80859375
    };

    static final int KRUM = 1;

    /** In the order of their scores. */
    static final int[] MULTI_KRUM_4 = {1, 4, 0, 3};

    static final double[] MULTI_KRUM_4_RESULT = {2.078125, 1.4375, 1.5625};

    static final double[] MEDIAN = {1.9375, 1.25, 1.9375};

    static final double[] TRIMMED_MEAN_ONE_EACH_SIDE = {2.0, 1.35, 1.6375};

    /** From the mean, nu = 1e-6, uniform weights: v after 1, 2, 3 and 4 iterations. */
    static final double[][] WEISZFELD_STEPS = {
        {4.510158327099108, -1.3181454782893434, 2.779902015329443},
        {2.3257856606738128, 0.9374372102841892, 1.7355077920825157},
        {2.017171760357684, 1.2482540995063738, 1.7111337038415513},
        {1.9753158051977187, 1.274028650118962, 1.700538281402264}
    };

    static final double[] GEOMETRIC_MEDIAN = {1.9665999304052446, 1.2981741407372211, 1.6389266821431574};

    /** theta = 5, in the order of their selection. */
    static final int[] BULYAN = {1, 4, 5, 0, 2};

    static final double[] BULYAN_RESULT = {1.8333333333333333, 1.1875, 2.1041666666666665};

    private SevenUpdates() {}

    static List<ModelDelta> in(DataType dtype) {
        return Rounds.deltas(Fixtures.layout(dtype, 3), VALUES);
    }

    static HeldUpdates held(List<ModelDelta> deltas) {
        HeldUpdates held = new HeldUpdates(UpdateStorage.onHeap(), deltas.get(0).layout());
        for (int i = 0; i < deltas.size(); i++) {
            held.add(i, Fixtures.update(i, deltas.get(i), 1));
        }
        return held;
    }
}
