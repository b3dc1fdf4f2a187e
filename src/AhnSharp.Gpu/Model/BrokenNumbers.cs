using System.Numerics.Tensors;
using AhnSharp.Attention;
using AhnSharp.Gguf;
using AhnSharp.Sessions;

namespace AhnSharp.Gpu.Model;

/// <summary>Where numbers of a pass on devices ceased to be finite, as one sentence.</summary>
/// <remarks>
/// A device is not asked layer by layer: 28 further launches would be 3 % of a token. What a pass wrote into the rings says it
/// afterwards: keys of layer n + 1 are made of what layer n gave.
/// </remarks>
internal static class BrokenNumbers
{
    /// <summary>After a pass, before it is undone.</summary>
    /// <param name="part">Whose numbers are not finite.</param>
    /// <param name="deviceLayers">Layers before this one are on devices.</param>
    public static InvalidModelException Explain(in Pass.Part part, int deviceLayers)
    {
        long token = part.Position + part.Count - 1;
        int layer = 0;
        while (layer < deviceLayers && IsFinite(part.Session.Layer(layer), token)) layer++;
        string where = layer == 0 ? "the embedding"
            : layer < deviceLayers ? $"layer {layer - 1}"
            : $"layer {deviceLayers - 1} or the output head";
        return new InvalidModelException(
            $"{where}: expected finite numbers behind token {token}, found others, and the layers before it gave finite ones: its weights "
                + "are broken, or what this session holds of it; 'ahn inspect FILE --check' looks at every weight.");
    }

    private static bool IsFinite(LayerState state, long token)
    {
        using HostLayer host = state.ToHost(token + 1);
        KvGeometry geometry = host.Geometry;
        float[] key = new float[geometry.HeadDim], value = new float[geometry.HeadDim];
        for (int head = 0; head < geometry.KvHeads; head++)
        {
            host.Ring.Read(head, token, key, value);
            if (!TensorPrimitives.IsFiniteAll<float>(key) || !TensorPrimitives.IsFiniteAll<float>(value)) return false;
        }
        return true;
    }
}
