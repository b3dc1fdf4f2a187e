using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text.Json;

namespace AhnSharp.Tests.Reference;

/// <summary>
/// Every tensor of a small F32/F64/I32/I64 safetensors file as doubles; for trusted test data only, the engine's reader is in Conversion.
/// </summary>
internal static class GoldenTensors
{
    public static Dictionary<string, double[]> Read(string path)
    {
        byte[] bytes = File.ReadAllBytes(path);
        int header = (int)BitConverter.ToInt64(bytes);
        using JsonDocument table = JsonDocument.Parse(bytes.AsMemory(8, header));
        var tensors = new Dictionary<string, double[]>(StringComparer.Ordinal);
        foreach (JsonProperty tensor in table.RootElement.EnumerateObject().Where(property => property.Name != "__metadata__"))
        {
            int[] offsets = [.. tensor.Value.GetProperty("data_offsets").EnumerateArray().Select(offset => offset.GetInt32())];
            ReadOnlyMemory<byte> data = bytes.AsMemory(8 + header + offsets[0], offsets[1] - offsets[0]);
            tensors[tensor.Name] = tensor.Value.GetProperty("dtype").GetString() switch
            {
                "F32" => Convert(data, 4, span => BitConverter.ToSingle(span)),
                "F64" => Convert(data, 8, span => BitConverter.ToDouble(span)),
                "I32" => Convert(data, 4, span => BitConverter.ToInt32(span)),
                "I64" => Convert(data, 8, span => BitConverter.ToInt64(span)),
                string other => throw new InvalidDataException($"{tensor.Name} of {path}: expected F32, F64, I32 or I64, found {other}."),
                null => throw new InvalidDataException($"{tensor.Name} of {path} has no dtype."),
            };
        }
        return tensors;
    }

    private delegate double ElementReader(ReadOnlySpan<byte> element);

    private static double[] Convert(ReadOnlyMemory<byte> data, int size, ElementReader read)
    {
        double[] values = new double[data.Length / size];
        for (int i = 0; i < values.Length; i++) values[i] = read(data.Span.Slice(i * size, size));
        return values;
    }
}
