namespace AhnSharp.Evaluation.Benchmarks;

/// <summary>When prompts stand in the model's chat template.</summary>
public enum ChatTemplateUse
{
    /// <summary>Where the benchmark's authors put them into one, and the model has one.</summary>
    Authors,

    /// <summary>Always.</summary>
    Always,

    /// <summary>Never.</summary>
    Never,
}
