namespace Headroom.Routing.Connections;

/// <summary>Looks through an exception and all that it wraps; an <see cref="AggregateException"/> wraps several.</summary>
internal static class NestedExceptions
{
    /// <summary>The first exception of a type, the outermost before those it wraps; <see langword="null"/> if there is none.</summary>
    public static T? Find<T>(Exception? exception)
        where T : Exception
    {
        for (; exception is not null; exception = exception.InnerException)
        {
            switch (exception)
            {
                case T found:
                    return found;
                case AggregateException aggregate:
                    return aggregate.InnerExceptions.Select(Find<T>).FirstOrDefault(found => found is not null);
            }
        }

        return null;
    }
}
