package org.fl4j.dl4j;

import java.util.ArrayList;
import java.util.List;
import org.deeplearning4j.nn.api.Layer;
import org.deeplearning4j.nn.conf.CNN2DFormat;
import org.deeplearning4j.nn.conf.GradientNormalization;
import org.deeplearning4j.nn.conf.dropout.Dropout;
import org.deeplearning4j.nn.conf.dropout.IDropout;
import org.deeplearning4j.nn.conf.layers.BatchNormalization;
import org.deeplearning4j.nn.params.BatchNormalizationParamInitializer;
import org.fl4j.models.internal.BatchNormalizationLayer;
import org.fl4j.models.internal.DropoutLayer;
import org.fl4j.models.internal.Parameter;

/** Batch normalisation and dropout. */
final class NormalizationPlanning {

    private NormalizationPlanning() {}

    static Flow normalization(Layer layer, BatchNormalization conf, Flow in, PlanBuilder plan)
            throws NotCoveredException {
        if (in instanceof Flow.Sequence || (in instanceof Flow.Image && conf.getCnn2DFormat() == CNN2DFormat.NHWC)) {
            throw new NotCoveredException("batch normalisation of " + in + " in the format " + conf.getCnn2DFormat());
        }
        // DL4J clips the steps of the running statistics together with the gradients.
        GradientNormalization clipping = conf.getGradientNormalization();
        if (clipping != null && clipping != GradientNormalization.None) {
            throw new NotCoveredException("batch normalisation with " + clipping);
        }
        if (in instanceof Flow.Flat && !conf.isUseLogStd()) {
            throw new NotCoveredException("batch normalisation of vectors with useLogStd(false), where DL4J fails");
        }
        int channels = in instanceof Flow.Image image ? image.channels() : in.length();
        if (channels != conf.getNOut()) {
            throw new NotCoveredException("batch normalisation of " + conf.getNOut() + " channels on " + in);
        }
        List<String> keys = new ArrayList<>();
        BatchNormalizationLayer.Scale scale = scale(layer, conf, keys, plan);
        String variance = conf.isUseLogStd()
                ? BatchNormalizationParamInitializer.GLOBAL_LOG_STD
                : BatchNormalizationParamInitializer.GLOBAL_VAR;
        keys.add(BatchNormalizationParamInitializer.GLOBAL_MEAN);
        keys.add(variance);
        Parameter runningMean = plan.parameter(layer, BatchNormalizationParamInitializer.GLOBAL_MEAN, null, false);
        Parameter runningVariance = plan.parameter(layer, variance, null, false);
        plan.add(
                new BatchNormalizationLayer(
                        plan.capacity(),
                        in.length() / channels,
                        channels,
                        conf.getEps(),
                        scale,
                        new BatchNormalizationLayer.Running(
                                runningMean, runningVariance, conf.isUseLogStd(), conf.getDecay())),
                layer,
                keys);
        return in;
    }

    private static BatchNormalizationLayer.Scale scale(
            Layer layer, BatchNormalization conf, List<String> keys, PlanBuilder plan) throws NotCoveredException {
        if (!conf.isLockGammaBeta()) {
            keys.add(BatchNormalizationParamInitializer.GAMMA);
            keys.add(BatchNormalizationParamInitializer.BETA);
            return new BatchNormalizationLayer.Scale(
                    plan.parameter(layer, BatchNormalizationParamInitializer.GAMMA, null, true),
                    plan.parameter(layer, BatchNormalizationParamInitializer.BETA, null, true),
                    1,
                    0);
        }
        // DL4J's forward pass takes both or none, its backward pass always the factor.
        if ((conf.getGamma() != 1) != (conf.getBeta() != 0)) {
            throw new NotCoveredException(
                    "batch normalisation with one of gamma and beta locked elsewhere than at 1 and 0");
        }
        return new BatchNormalizationLayer.Scale(null, null, (float) conf.getGamma(), (float) conf.getBeta());
    }

    /** Dropout in front of a layer. */
    static void dropout(IDropout dropout, Flow in, PlanBuilder plan) throws NotCoveredException {
        if (dropout.getClass() != Dropout.class
                || ((Dropout) dropout).getPSchedule() != null
                || !(((Dropout) dropout).getP() > 0 && ((Dropout) dropout).getP() <= 1)) {
            throw new NotCoveredException("dropout " + dropout);
        }
        double keep = ((Dropout) dropout).getP();
        if (keep < 1) {
            plan.add(new DropoutLayer(plan.capacity(), in.length(), keep));
        }
    }
}
