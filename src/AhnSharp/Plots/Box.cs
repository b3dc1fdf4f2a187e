namespace AhnSharp.Plots;

/// <summary>A part of the page, in pixels.</summary>
internal readonly record struct Box(double X, double Y, double Width, double Height)
{
    internal double Right => X + Width;

    internal double Bottom => Y + Height;

    internal double MiddleX => X + Width / 2;

    internal double MiddleY => Y + Height / 2;
}
