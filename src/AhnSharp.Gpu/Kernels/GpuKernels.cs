using System;
using System.Collections.Generic;
using AhnSharp.Gguf;
using ILGPU;
using ILGPU.Runtime;

namespace AhnSharp.Gpu.Kernels;

/// <summary>
/// The table of a forward pass on one device: every operation, which a kernel set implements in its own layout and with its own launches.
/// </summary>
/// <remarks>
/// Letters: R rows of the pass (1..C), E, H, K, D, F, V, g as in <see cref="GpuShape"/>. Activations are the buffers of
/// <see cref="Scratch"/>. Everything is enqueued on the accelerator's default stream, in order, without a synchronisation and
/// without allocating on host or device. One thread at a time calls. The order of a pass: the table is uploaded;
/// <see cref="Embed"/>; <see cref="RunLayer"/> for every layer; <see cref="ComputeLogits"/> for the rows that are asked; a copy to
/// the host, and the pass's only synchronisation. A set may override <see cref="RunLayer"/> to fuse across the operations below;
/// what holds before and after it is said there.
/// </remarks>
internal abstract class GpuKernels : IDisposable
{
    private protected GpuKernels(Accelerator accelerator, GpuShape shape)
    {
        (Accelerator, Shape) = (accelerator, shape);
        Scratch = new GpuScratch(accelerator, shape);
        Upload = new WeightUpload(accelerator);
    }

    /// <summary>What the set is called: portable, CUDA.</summary>
    public abstract string Name { get; }

    /// <summary>The device.</summary>
    public Accelerator Accelerator { get; }

    /// <summary>The model's numbers.</summary>
    public GpuShape Shape { get; }

    /// <summary>Activations of a pass.</summary>
    public GpuScratch Scratch { get; }

    /// <summary>How stored bytes come to the device.</summary>
    public WeightUpload Upload { get; }

    /// <summary>Compiles beforehand what uploading takes, where the set has kernels for it.</summary>
    /// <param name="embedding">Format of the embedding.</param>
    /// <param name="matrices">Formats that matrices may have.</param>
    public virtual void PrepareUpload(GgmlType embedding, IEnumerable<GgmlType> matrices)
    {
    }

    /// <summary>
    /// Brings a layer's weights to the device, in whatever layout the set multiplies fastest, at the precision of the file.
    /// </summary>
    public abstract GpuLayer UploadLayer(LayerSource source);

    /// <summary>Brings embedding, last norm and output matrix to the device; a tied output matrix need not be held twice.</summary>
    public abstract GpuHead UploadHead(HeadSource source);

    /// <summary>Gives back what uploading took, when all that the model has is there.</summary>
    public virtual void EndUpload() => Upload.Dispose();

    /// <summary>Hidden[r] ← embedding[id of row r], decoded to f32, r = 0..rows−1. Ids: the first R words of the table.</summary>
    public abstract void Embed(GpuHead head, int rows);

    /// <summary>Says what the next calls of <see cref="RunLayer"/> bring, so that a set can send it to the device at once.</summary>
    /// <param name="parts">Parts of all layers, layer by layer in the order of the calls.</param>
    /// <param name="perLayer">Parts of a layer.</param>
    public virtual void BeginPass(ReadOnlySpan<GpuPart> parts, int perLayer)
    {
    }

    /// <summary>
    /// Calls <paramref name="enqueue"/>, or does what it did before: behind <see cref="BeginPass"/>, for a pass that is enqueued from the
    /// upload of its table to what comes back from the device. A set may record what is enqueued and play it for a pass of the same form.
    /// </summary>
    /// <param name="rows">Rows of the pass.</param>
    /// <param name="asked">Those that logits are asked of.</param>
    /// <param name="enqueue">Enqueues the pass on the default stream, and does nothing else that lasts.</param>
    public virtual void Repeat(int rows, int asked, Action enqueue) => enqueue();

    /// <summary>One decoder layer over all rows.</summary>
    /// <remarks>
    /// Before: Hidden is x [rows, E]. After: Hidden is the layer's output; the rings hold k (rotated), v and write gates of every row; the
    /// states are folded. The parts cover rows 0..rows−1 in order, without gaps.
    /// </remarks>
    public virtual void RunLayer(GpuLayer layer, ReadOnlySpan<GpuPart> parts, int rows)
    {
        Project(layer, rows);
        foreach (ref readonly GpuPart part in parts)
        {
            Push(layer, in part, rows);
            Attend(layer, in part, rows);
            if (part.Evicted > 0) Recall(layer, in part, rows);
        }
        Finish(layer, rows);
    }

    /// <summary>
    /// n = RMSNorm(Hidden; attention norm, ε); Query = W_q n + b_q, Key = W_k n + b_k, Value = W_v n + b_v; Gates = W_g n (no
    /// bias) where there is a memory.
    /// </summary>
    /// <remarks>
    /// W_g [g + H, E] f32: rows of Beta, then (GDN) Alpha, then Gate of <see cref="LayerSource.Memory"/>. RMSNorm: x · w / √(mean x² + ε).
    /// </remarks>
    protected abstract void Project(GpuLayer layer, int rows);

    /// <summary>A part enters the exact memory: q is rotated in place, k rotated and stored, v stored, gates finished.</summary>
    /// <remarks>
    /// Where the layer has norms of heads, q and k pass them first: RMSNorm of each head by itself, over its D entries, ε of the model.
    /// Rotate-half with the row's cos and sin of the table: entries i and i + D/2, i &lt; D/2: (a, b) → (a·cos − b·sin, b·cos + a·sin), q
    /// and k alike. k and v go to slot RingShape.Slot(position), rounded to the ring's type (f16: to nearest even; Q8_0: per 32 entries
    /// scale = f16(max|x|/127), q = clamp(round-half-even(x/scale), ±127), 0 where the scale is 0). Gates, where the layer has a memory:
    /// write gates to the ring [slot][g]: DN σ(b); GDN σ(b) [H] then −exp(A_log)·softplus(a + dt_bias) [H]; Mamba2 softplus(b + dt_bias);
    /// read gates in place, Gates[r, g + h] ← SiLU(γ) with γ = product + gate bias (Mamba2 alone has a bias).
    /// Where Ring.Geometry.GatesPerToken = 0 (another memory mode) nothing of the gates is needed.
    /// </remarks>
    protected abstract void Push(GpuLayer layer, in GpuPart part, int rows);

    /// <summary>
    /// Attended[r, h·D..] ← softmax(q·kⱼ/√D) vⱼ over the keys that row r at position t sees (<see cref="RingShape"/>), all of
    /// the part's own rows ≤ r included.
    /// </summary>
    /// <remarks>
    /// One row to eight: decode, keys split over groups. Many rows: prefill, tiles of queries with a running maximum and sum.
    /// </remarks>
    protected abstract void Attend(GpuLayer layer, in GpuPart part, int rows);

    /// <summary>
    /// The compressed memory: what leaves is folded in, each row that pushed a token out reads, and Attended += memory(t).
    /// </summary>
    /// <remarks>
    /// For the last Evicted rows, in order, row at position t, each head h with M = State[h] [D keys][D values]:
    /// k, v = ring entries of position t − W, key/value head h/(H/K); β, g (log decay) or Δ = ring gates of t −
    /// W; q = rotated query of the row.
    ///   DN, GDN: k̂ = k/√(Σk² + 1e-6), q̂ likewise; M ← e^g M; M ← M + k̂ ⊗ β(v − Mᵀk̂); o = Mᵀq̂/√D       (DN: g = 0)
    ///   Mamba2:  k̂ = k/max(‖k‖, 1e-12), q̂ likewise; M ← e^(−Δ·exp(A_log)) M + Δ k̂ ⊗ v; o = Mᵀq̂
    /// then with s = Gates[r, g + h] (already SiLU(γ)):
    ///   DN, GDN: y = o · s · w / √(mean_D o² + ε), w [D];    Mamba2: y = (o·s) · w[h·D..] / √(mean over all H·D of (o·s)² + ε), w [H·D]
    ///   Attended[r, h·D + j] += Σ_i y_i P[h][i][j], P = Out [H, D in, D out].     ε: MemoryNormEpsilon.
    /// A chunked form must equal the token-by-token form to 1e-5 relative.
    /// </remarks>
    protected abstract void Recall(GpuLayer layer, in GpuPart part, int rows);

    /// <summary>Hidden += W_o Attended; then n = RMSNorm(Hidden; FFN norm, ε); Hidden += W_down( SiLU(W_gate n) ⊙ (W_up n) ).</summary>
    protected abstract void Finish(GpuLayer layer, int rows);

    /// <summary>
    /// Logits[i] ← W_out RMSNorm(Hidden[a_i]; output norm, ε), where a_i is asked row <paramref name="first"/> + i of the table,
    /// i = 0..count−1 (at most Scratch.LogitRows).
    /// </summary>
    /// <remarks>Asked rows: the table's second R words.</remarks>
    public abstract void ComputeLogits(GpuHead head, int rows, int first, int count);

    /// <summary>
    /// The <see cref="TopKey.Count"/> largest of each of the first <paramref name="rows"/> rows of Logits, largest first, equal ones
    /// by lower id: [rows][Count] keys.
    /// </summary>
    /// <remarks>
    /// Behind the last token of a small vocabulary: <see cref="TopKey.None"/>. A logit that is not finite comes
    /// first. Valid until the next call.
    /// </remarks>
    public abstract ArrayView<ulong> ComputeTop(int rows);

    /// <inheritdoc/>
    public virtual void Dispose()
    {
        Upload.Dispose();
        Scratch.Dispose();
    }
}
