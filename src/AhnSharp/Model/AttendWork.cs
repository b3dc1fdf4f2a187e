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
        if (workers.Profile is { } profile) Count(profile, pass);
        workers.Run(this, pass.AttentionItems.Count);
    }

    // Keys and values are read once a block of queries and key/value head; each query multiplies with what it sees twice.
    private void Count(StepProfile profile, Pass pass)
    {
        profile.Enter(ProfileStage.Attention);
        long bytes = 0, multiplyAdds = 0;
        foreach (Pass.AttentionItem item in pass.AttentionItems)
        {
            Pass.Part part = pass.Parts[item.Part];
            KvGeometry ring = part.Session.Ring(_layer).Geometry;
            long last = part.Position + item.FirstQuery + item.Queries - 1;
            bytes += 2L * ring.RowBytes * ring.Visible(last);
            for (int q = 0; q < item.Queries; q++) multiplyAdds += 2 * ring.Visible(last - q) * config.HeadDim * (config.HeadCount / config.KvHeadCount);
        }
        profile.Count(bytes, multiplyAdds);
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
