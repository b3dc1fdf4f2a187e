using AhnSharp.Gguf;
using AhnSharp.Quants;

namespace AhnSharp.Tests.Conversion;

internal static class GgufReading
{
    /// <summary>A whole tensor as float32.</summary>
    public static float[] Values(this GgufFile file, string name)
    {
        GgufTensor tensor = file.GetTensor(name);
        byte[] bytes = new byte[tensor.ByteLength];
        file.Read(tensor, 0, bytes);
        float[] values = new float[tensor.ElementCount];
        Quantization.Dequantize(tensor.Type, bytes, values);
        return values;
    }
}
