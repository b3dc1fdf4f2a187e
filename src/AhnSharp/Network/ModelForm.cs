namespace AhnSharp.Network;

/// <summary>What one GGUF file holds of a model and its memory.</summary>
public enum ModelForm
{
    /// <summary>A base model.</summary>
    Base,

    /// <summary>A memory, to stand beside any file of its base model.</summary>
    Adapter,

    /// <summary>Both, under an architecture's merged name.</summary>
    Merged,
}
