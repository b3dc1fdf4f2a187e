using System;
using System.Collections.Generic;
using AhnSharp.Gguf;

namespace AhnSharp.Testing;

/// <summary>The demo model of the repository without its memory, as a base model's file: what a memory is trained for.</summary>
internal static class DemoBase
{
    /// <summary>Writes it.</summary>
    /// <param name="path">The base.</param>
    /// <param name="demo">The demo model with its memory.</param>
    public static void Write(string path, string demo)
    {
        using GgufFile merged = GgufFile.Open(demo);
        GgufWriter writer = new();
        foreach ((string key, object value) in merged.Metadata)
        {
            if (key.StartsWith("ahn.", StringComparison.Ordinal)) continue;
            string name = key.Replace("qwen2-ahn.", "qwen2.", StringComparison.Ordinal);
            writer.AddValue(name, key == "general.architecture" ? "qwen2" : value);
        }
        foreach (GgufTensor tensor in merged.Tensors)
        {
            if (tensor.IsMemory) continue;
            writer.AddTensor(tensor.Name, tensor.Type, (IReadOnlyList<long>)tensor.Shape, stream =>
            {
                byte[] bytes = new byte[tensor.ByteLength];
                merged.Read(tensor, 0, bytes);
                stream.Write(bytes);
            });
        }
        writer.Write(path);
    }
}
