namespace AhnSharp.Network;

/// <summary>YaRN, where a file asks for it.</summary>
/// <param name="Factor">s, by how much the context is stretched.</param>
/// <param name="OriginalContextLength">L₀, tokens.</param>
public sealed record RopeScaling(double Factor, int OriginalContextLength);
