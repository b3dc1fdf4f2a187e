using ILGPU;

namespace AhnSharp.Gpu.Cuda.Kernels;

/// <summary>
/// Products of 2 to 64 tokens with up to three matrices of one quantized format: weights are read once and become halves in registers,
/// which the matrix units multiply.
/// </summary>
/// <remarks>
/// A group of 256 threads has 128 rows, 16 a warp, and takes steps of 128 columns. All groups have the same number of steps: the steps of
/// all tiles of rows stand in one line, which is cut into equal pieces (stream-k). A tile that a cut goes through is added up, in the order
/// of its pieces, by the group that is last to leave its part: the sums do not depend on which that is.
/// <para>With g = lane/4 and t = lane%4, a lane reads group 4·step + t of rows g and g + 8, all 32 weights. The order of columns inside a
/// product is free: word m of a group, four weights, is a product of 16 columns with those of the other three lanes.</para>
/// </remarks>
internal static class BatchProduct
{
    /// <summary>Rows of a group of threads.</summary>
    public const int Rows = 128;

    /// <summary>Threads of a group.</summary>
    public const int Threads = 256;

    /// <summary>Columns of a step.</summary>
    public const int Columns = 128;

    // Chunks of 16 bytes of 8 tokens of a step, and steps of tokens that are in shared memory: one multiplied, two on their way.
    private const int TileChunks = 128, Stages = 3;

    /// <summary>Tiles of rows of a matrix.</summary>
    public static int TilesOf(int rows) => (rows + Rows - 1) / Rows;

    /// <summary>Steps of a row.</summary>
    public static int StepsOf(int columns) => (columns + Columns - 1) / Columns;

    /// <summary>Grid.X groups share the steps of all tiles.</summary>
    /// <param name="x">The tokens.</param>
    /// <param name="a">First part.</param>
    /// <param name="b">Second; Rows 0: none.</param>
    /// <param name="c">Third.</param>
    /// <param name="tokens">Tokens.</param>
    /// <param name="sums">Parts of tiles.</param>
    public static void Run<TFormat, TTiles, TEnd>(BatchRows x, ProductPart a, ProductPart b, ProductPart c, int tokens, BatchSums sums)
        where TFormat : struct, IQuantizedFormat
        where TTiles : struct, IBatchTiles
        where TEnd : struct, IBatchEnd
    {
        int stage = default(TTiles).Value * TileChunks;
        ArrayView<Word4> shared = SharedMemory.Allocate<Word4>(Stages * TileChunks * default(TTiles).Value);
        ArrayView<int> flag = SharedMemory.Allocate<int>(1);
        bool startsEarly = StartsEarly(default(TTiles).Value);
        if (startsEarly) Ptx.TriggerDependents();
        int lane = Group.IdxX % 32, ownRow = Group.IdxX / 32 * 16 + lane / 4, t = lane % 4;
        int groups = a.Weights.Columns / 32, steps = StepsOf(a.Weights.Columns);
        int tilesA = TilesOf(default(TEnd).WeightRows(a)), tilesAb = tilesA + TilesOf(b.Rows);
        int total = (tilesAb + TilesOf(c.Rows)) * steps;
        int first = Begin(Grid.IdxX, total), end = Begin(Grid.IdxX + 1, total);
        if (!startsEarly) FetchTwo<TTiles>(shared, x.Values, first, end, steps);

        int tile = first / steps, step = first % steps;
        // What the next two steps need is asked for before a step is multiplied: 64 KB of a multiprocessor's 16 warps are on their way.
        // Behind the last unit it is asked for once more, for nobody.
        int ahead = first, aheadTile = tile, aheadStep = step;
        PackedWeights w = WeightsOf(a, b, c, tile, tilesA, tilesAb);
        int row = RowOf(tile, tilesA, tilesAb), last = LastRow<TEnd>(a, b, c, tile, tilesA, tilesAb);
        var low = default(StoredWeights);
        var high = default(StoredWeights);
        var nextLow = Weights<TFormat>(w, row + ownRow, last, aheadStep * 4 + t, groups);
        var nextHigh = Weights<TFormat>(w, row + ownRow + 8, last, aheadStep * 4 + t, groups);
        if (startsEarly)
        {
            Ptx.WaitForDependencies();
            FetchTwo<TTiles>(shared, x.Values, first, end, steps);
        }
        var own = default(BatchTile);
        int here = 0, arriving = 2, fetched = (first + 2) % steps;
        for (int unit = first - 1; unit < end; unit++)
        {
            if (ahead + 1 < end)
            {
                ahead++;
                aheadStep++;
                if (aheadStep == steps)
                {
                    aheadStep = 0;
                    aheadTile++;
                    w = WeightsOf(a, b, c, aheadTile, tilesA, tilesAb);
                    row = RowOf(aheadTile, tilesA, tilesAb);
                    last = LastRow<TEnd>(a, b, c, aheadTile, tilesA, tilesAb);
                }
            }
            StoredWeights behindLow = Weights<TFormat>(w, row + ownRow, last, aheadStep * 4 + t, groups),
                behindHigh = Weights<TFormat>(w, row + ownRow + 8, last, aheadStep * 4 + t, groups);
            if (unit >= first)
            {
                Ptx.WaitForAllCopiesButOneGroup();
                Group.Barrier();
                if (unit + 2 < end) Fetch<TTiles>(shared, arriving * stage, x.Values, fetched * stage);
                Ptx.CommitCopies();
                fetched = fetched + 1 == steps ? 0 : fetched + 1;
                own = Multiply<TFormat, TTiles>(
                    shared, here * stage + lane, default(TFormat).Unpack(low), default(TFormat).Unpack(high), own);
                step++;
                if (step == steps || unit + 1 == end)
                {
                    End<TTiles, TEnd>(x, a, b, c, tokens, sums, flag, own, tile, unit, first, total, steps, tilesA, tilesAb);
                    own = default;
                }
                if (step == steps)
                {
                    step = 0;
                    tile++;
                }
                here = here == Stages - 1 ? 0 : here + 1;
                arriving = arriving == Stages - 1 ? 0 : arriving + 1;
            }
            low = nextLow;
            high = nextHigh;
            nextLow = behindLow;
            nextHigh = behindHigh;
        }
    }

    /// <summary>Whether the kernel may start while the one before still runs.</summary>
    /// <remarks>With one tile of tokens that made a step of 8 texts 16 % slower.</remarks>
    public static bool StartsEarly(int tiles) => tiles > 1;

    // Tokens of the first two steps.
    private static void FetchTwo<TTiles>(ArrayView<Word4> shared, ArrayView<Word4> x, int first, int end, int steps)
        where TTiles : struct, IBatchTiles
    {
        int stage = default(TTiles).Value * TileChunks;
        for (int s = 0; s < 2; s++)
        {
            if (first + s < end) Fetch<TTiles>(shared, s * stage, x, (first + s) % steps * stage);
            Ptx.CommitCopies();
        }
    }

    // First unit of a group; 264 groups times the 76,000 units of 152,000 rows of 8,192 columns are far from 2^31.
    private static int Begin(int group, int total) => group * total / Grid.DimX;

    private static int RowOf(int tile, int tilesA, int tilesAb) =>
        (tile < tilesA ? tile : tile < tilesAb ? tile - tilesA : tile - tilesAb) * Rows;

    private static PackedWeights WeightsOf(ProductPart a, ProductPart b, ProductPart c, int tile, int tilesA, int tilesAb) =>
        tile < tilesA ? a.Weights : tile < tilesAb ? b.Weights : c.Weights;

    private static int LastRow<TEnd>(ProductPart a, ProductPart b, ProductPart c, int tile, int tilesA, int tilesAb)
        where TEnd : struct, IBatchEnd =>
        (tile < tilesA ? default(TEnd).WeightRows(a) : tile < tilesAb ? b.Rows : c.Rows) - 1;

    // Rows behind the end repeat the last, and are not stored; behind the last group the tokens are zero.
    private static StoredWeights Weights<TFormat>(PackedWeights w, int row, int last, int group, int groups)
        where TFormat : struct, IQuantizedFormat =>
        default(TFormat).Fetch(w, IntrinsicMath.Min(row, last), IntrinsicMath.Min(group, groups - 1), groups);

    private static void Fetch<TTiles>(ArrayView<Word4> shared, int to, ArrayView<Word4> x, int from)
        where TTiles : struct, IBatchTiles
    {
        for (int i = Group.IdxX; i < default(TTiles).Value * TileChunks; i += Threads) Ptx.CopyAsync(ref shared[to + i], ref x[from + i]);
    }

    private static BatchTile Multiply<TFormat, TTiles>(ArrayView<Word4> x, int at, Group32 low, Group32 high, BatchTile c)
        where TFormat : struct, IQuantizedFormat
        where TTiles : struct, IBatchTiles
    {
        uint lowScale = Twice(low.ScaleLow), highScale = Twice(high.ScaleLow), lowMinimum = Twice(-low.Minimum),
            highMinimum = Twice(-high.Minimum);
        c = Chunk<TTiles>(x, at, Operand<TFormat>(low.Low.X, lowScale, lowMinimum, high.Low.X, highScale, highMinimum),
            Operand<TFormat>(low.Low.Y, lowScale, lowMinimum, high.Low.Y, highScale, highMinimum), c);
        c = Chunk<TTiles>(x, at + 32, Operand<TFormat>(low.Low.Z, lowScale, lowMinimum, high.Low.Z, highScale, highMinimum),
            Operand<TFormat>(low.Low.W, lowScale, lowMinimum, high.Low.W, highScale, highMinimum), c);
        lowScale = Twice(low.ScaleHigh);
        highScale = Twice(high.ScaleHigh);
        c = Chunk<TTiles>(x, at + 64, Operand<TFormat>(low.High.X, lowScale, lowMinimum, high.High.X, highScale, highMinimum),
            Operand<TFormat>(low.High.Y, lowScale, lowMinimum, high.High.Y, highScale, highMinimum), c);
        return Chunk<TTiles>(x, at + 96, Operand<TFormat>(low.High.Z, lowScale, lowMinimum, high.High.Z, highScale, highMinimum),
            Operand<TFormat>(low.High.W, lowScale, lowMinimum, high.High.W, highScale, highMinimum), c);
    }

    private static uint Twice(float value) => Ptx.PackHalves(value, value);

    /// <summary>A of a product of 16 columns: four weights of row g, and of row g + 8.</summary>
    /// <remarks>
    /// A byte plus 128 is put behind the exponent of 1024, where a half's steps are 1, and 1024 + 128 taken away again: three instructions
    /// for two weights, and exact until scale and minimum, which are halves here. Through floats they would be nine.
    /// </remarks>
    private static Word4 Operand<TFormat>(uint low, uint lowScale, uint lowMinimum, uint high, uint highScale, uint highMinimum)
        where TFormat : struct, IQuantizedFormat
    {
        low ^= 0x80808080;
        high ^= 0x80808080;
        var a = default(Word4);
        a.X = Scaled<TFormat>(Ptx.LowBytesAsHalves(low), lowScale, lowMinimum);
        a.Y = Scaled<TFormat>(Ptx.LowBytesAsHalves(high), highScale, highMinimum);
        a.Z = Scaled<TFormat>(Ptx.HighBytesAsHalves(low), lowScale, lowMinimum);
        a.W = Scaled<TFormat>(Ptx.HighBytesAsHalves(high), highScale, highMinimum);
        return a;
    }

    private static uint Scaled<TFormat>(uint halves, uint scale, uint minimum)
        where TFormat : struct, IQuantizedFormat
    {
        uint weights = Ptx.SubtractHalves(halves, 0x64806480);
        return default(TFormat).HasMinimum ? Ptx.FmaHalves(weights, scale, minimum) : Ptx.MultiplyHalves(weights, scale);
    }

    // One product of all tiles, then the other: a product waits for the sums of the one before it in its tile, not for those of others.
    private static BatchTile Chunk<TTiles>(ArrayView<Word4> x, int at, Word4 first, Word4 second, BatchTile c)
        where TTiles : struct, IBatchTiles
    {
        var x1 = default(Word4);
        var x2 = default(Word4);
        var x3 = default(Word4);
        Word4 x0 = x[at];
        if (default(TTiles).Value > 1) x1 = x[at + TileChunks];
        if (default(TTiles).Value > 2)
        {
            x2 = x[at + 2 * TileChunks];
            x3 = x[at + 3 * TileChunks];
        }
        c.C0 = Ptx.Mma(first, x0.X, x0.Y, c.C0);
        if (default(TTiles).Value > 1) c.C1 = Ptx.Mma(first, x1.X, x1.Y, c.C1);
        if (default(TTiles).Value > 2)
        {
            c.C2 = Ptx.Mma(first, x2.X, x2.Y, c.C2);
            c.C3 = Ptx.Mma(first, x3.X, x3.Y, c.C3);
        }
        c.C0 = Ptx.Mma(second, x0.Z, x0.W, c.C0);
        if (default(TTiles).Value > 1) c.C1 = Ptx.Mma(second, x1.Z, x1.W, c.C1);
        if (default(TTiles).Value > 2)
        {
            c.C2 = Ptx.Mma(second, x2.Z, x2.W, c.C2);
            c.C3 = Ptx.Mma(second, x3.Z, x3.W, c.C3);
        }
        if (default(TTiles).Value > 4)
        {
            x0 = x[at + 4 * TileChunks];
            x1 = x[at + 5 * TileChunks];
            x2 = x[at + 6 * TileChunks];
            x3 = x[at + 7 * TileChunks];
            c.C4 = Ptx.Mma(first, x0.X, x0.Y, c.C4);
            c.C5 = Ptx.Mma(first, x1.X, x1.Y, c.C5);
            c.C6 = Ptx.Mma(first, x2.X, x2.Y, c.C6);
            c.C7 = Ptx.Mma(first, x3.X, x3.Y, c.C7);
            c.C4 = Ptx.Mma(second, x0.Z, x0.W, c.C4);
            c.C5 = Ptx.Mma(second, x1.Z, x1.W, c.C5);
            c.C6 = Ptx.Mma(second, x2.Z, x2.W, c.C6);
            c.C7 = Ptx.Mma(second, x3.Z, x3.W, c.C7);
        }
        return c;
    }

    /// <summary>The group leaves a tile behind unit <paramref name="unit"/>: it stores the sums, or its part of them.</summary>
    private static void End<TTiles, TEnd>(
        BatchRows x, ProductPart a, ProductPart b, ProductPart c, int tokens, BatchSums sums, ArrayView<int> flag, BatchTile own, int tile,
        int unit, int first, int total, int steps, int tilesA, int tilesAb)
        where TTiles : struct, IBatchTiles
        where TEnd : struct, IBatchEnd
    {
        int begin = tile * steps;
        if (first > begin || unit + 1 < begin + steps)
        {
            BatchParts.Put<TTiles>(sums.Parts, SlotOf(Grid.IdxX, first, begin), own);
            MemoryFence.DeviceLevel();
            Group.Barrier();
            if (Group.IdxX == 0)
            {
                int had = unit + 1 - IntrinsicMath.Max(first, begin);
                int before = Atomic.Add(ref sums.Arrived[tile], had);
                flag[0] = before + had;
                if (before + had == steps) sums.Arrived[tile] = 0;
            }
            Group.Barrier();
            if (flag[0] < steps) return;
            MemoryFence.DeviceLevel();
            int from = GroupOf(begin, total), to = GroupOf(begin + steps - 1, total);
            own = default;
            for (; from < to; from += 2)
            {
                own = BatchParts.AddTwo<TTiles>(sums.Parts, SlotOf(from, Begin(from, total), begin),
                    SlotOf(from + 1, Begin(from + 1, total), begin), own);
            }
            if (from == to) own = BatchParts.Add<TTiles>(sums.Parts, SlotOf(from, Begin(from, total), begin), own);
        }
        ProductPart part = tile < tilesA ? a : tile < tilesAb ? b : c;
        int lane = Group.IdxX % 32, row = RowOf(tile, tilesA, tilesAb) + Group.IdxX / 32 * 16 + lane / 4, token = lane % 4 * 2;
        default(TEnd).Store(part, x.Scales, tokens, token, row, own.C0);
        if (default(TTiles).Value > 1) default(TEnd).Store(part, x.Scales, tokens, token + 8, row, own.C1);
        if (default(TTiles).Value > 2)
        {
            default(TEnd).Store(part, x.Scales, tokens, token + 16, row, own.C2);
            default(TEnd).Store(part, x.Scales, tokens, token + 24, row, own.C3);
        }
        if (default(TTiles).Value > 4)
        {
            default(TEnd).Store(part, x.Scales, tokens, token + 32, row, own.C4);
            default(TEnd).Store(part, x.Scales, tokens, token + 40, row, own.C5);
            default(TEnd).Store(part, x.Scales, tokens, token + 48, row, own.C6);
            default(TEnd).Store(part, x.Scales, tokens, token + 56, row, own.C7);
        }
    }

    // The group whose piece has a unit: the largest with Begin(group) ≤ unit.
    private static int GroupOf(int unit, int total) => ((unit + 1) * Grid.DimX - 1) / total;

    // A group leaves at most two parts: of a tile that it did not begin, and of one that it did not end.
    private static int SlotOf(int group, int first, int begin) => 2 * group + (first <= begin ? 1 : 0);
}
