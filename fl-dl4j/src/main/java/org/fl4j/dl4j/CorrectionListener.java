package org.fl4j.dl4j;

import org.deeplearning4j.nn.api.Model;
import org.deeplearning4j.optimize.api.BaseTrainingListener;
import org.fl4j.weights.GradientCorrection;
import org.fl4j.weights.ParameterLayout;

/**
 * Adds a correction where DL4J has computed a gradient and not yet updated. The gradient view holds the <em>sum</em> over
 * the mini-batch there, which the updater divides by the batch size later (if the network is configured to): the
 * correction is multiplied by it, or a proximal term would shrink with the batch.
 */
final class CorrectionListener extends BaseTrainingListener {

    private final NetworkAccess access;
    private final ParameterLayout layout;
    private final GradientCorrection correction;

    CorrectionListener(NetworkAccess access, ParameterLayout layout, GradientCorrection correction) {
        this.access = access;
        this.layout = layout;
        this.correction = correction;
    }

    @Override
    public void onGradientCalculation(Model network) {
        double scale = network.conf().isMiniBatch() ? network.batchSize() : 1;
        correction.addTo(access.gradients(), network.params(), scale, layout);
    }
}
