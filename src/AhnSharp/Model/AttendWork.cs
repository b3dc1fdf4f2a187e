using AhnSharp.Attention;
using AhnSharp.Kernels;

namespace AhnSharp.Model;

/// <summary>Exact attention of a pass: one item a block of queries and key/value head.</summary>
internal sealed class AttendWork(ModelConfig config, Scratch scratch, WindowAttention attention) : IWork
{
    private Pass? _pass;
    private int _layer;

    public void Run(int layer, Pass pass, Workers workers)
    {
        (_layer, _pass) = (layer, pass);
        scratch.Attended.Reshape(pass.Rows, config.HeadCount * config.HeadDim);
        workers.Run(this, pass.AttentionItems.Count);
    }

    void IWork.Run(int item, int worker)
    {
        (int p, int kvHead, int first, int count) = _pass!.AttentionItems[item];
        Pass.Part part = _pass.Parts[p];
        int width = config.HeadCount * config.HeadDim, row = part.Row + first;
        attention.Attend(
            part.Session.Ring(_layer), kvHead, part.Position + first, count, scratch.Query.Values.Slice(row * width, count * width),
            scratch.Attended.Values.Slice(row * width, count * width), scratch.Attention[worker]);
    }
}
