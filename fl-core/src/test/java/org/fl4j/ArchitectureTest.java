package org.fl4j;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.Architectures.layeredArchitecture;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.library.Architectures.LayeredArchitecture;
import java.util.ArrayList;
import java.util.List;

/** The rules of the design that packages can break. */
@AnalyzeClasses(packages = "org.fl4j", importOptions = ImportOption.DoNotIncludeTests.class)
class ArchitectureTest {

    /** A package uses only those to its left and the root, which holds what all of them throw. */
    private static final List<String> FROM_LEFT_TO_RIGHT = List.of(
            "internal",
            "random",
            "state",
            "weights",
            "compression",
            "data",
            "model",
            "nd4j",
            "client",
            "aggregation",
            "secure",
            "server",
            "remote",
            "simulation");

    @ArchTest
    static final ArchRule THE_DIRECTION = direction();

    private static ArchRule direction() {
        LayeredArchitecture rule = layeredArchitecture()
                .consideringOnlyDependenciesInAnyPackage("org.fl4j..")
                .ensureAllClassesAreContainedInArchitecture()
                .layer("root")
                .definedBy("org.fl4j")
                .whereLayer("root")
                .mayNotAccessAnyLayer();
        List<String> usable = new ArrayList<>(List.of("root"));
        for (String name : FROM_LEFT_TO_RIGHT) {
            rule = rule.layer(name)
                    .definedBy("org.fl4j." + name + "..")
                    .whereLayer(name)
                    .mayOnlyAccessLayers(usable.toArray(String[]::new));
            usable.add(name);
        }
        return rule;
    }

    @ArchTest
    static final ArchRule DL4J_IS_A_MODULE_OF_ITS_OWN =
            noClasses().should().dependOnClassesThat().resideInAPackage("org.deeplearning4j..");

    /** Heap arrays cross from the model to the server; tensors stay at the edge. */
    @ArchTest
    static final ArchRule TENSORS_STAY_AT_THE_EDGE = noClasses()
            .that()
            .resideInAnyPackage(
                    "org.fl4j.random..",
                    "org.fl4j.state..",
                    "org.fl4j.compression..",
                    "org.fl4j.client..",
                    "org.fl4j.aggregation..",
                    "org.fl4j.server..")
            .should()
            .dependOnClassesThat()
            .resideInAPackage("org.nd4j..");
}
