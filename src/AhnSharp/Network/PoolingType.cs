using AhnSharp.Gguf;

namespace AhnSharp.Network;

/// <summary>How a model's rows become one vector of a text, by the numbers that llama.cpp gives to it.</summary>
internal enum PoolingType : uint
{
    None,
    Mean,
    Cls,
    Last,
    Rank,
}

/// <summary>The key of it, which the converter writes and embeddings read.</summary>
internal static class PoolingKey
{
    public static string Of(string architecture) => architecture + ".pooling_type";

    public static PoolingType? Read(GgufMetadata file) => (PoolingType?)file.GetUInt32OrNull(Of(file.GetString("general.architecture")));
}
