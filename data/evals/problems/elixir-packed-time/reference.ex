defmodule PackedTime do
  defguardp is_time(hour, minute, second)
            when hour in 0..23 and minute in 0..59 and second in 0..59

  def pack({hour, minute, second}) when is_time(hour, minute, second) do
    {:ok, <<hour::5, minute::6, div(second, 2)::5>>}
  end

  def pack(_other), do: :error

  def unpack(<<hour::5, minute::6, half::5>>) when is_time(hour, minute, half * 2) do
    {:ok, {hour, minute, half * 2}}
  end

  def unpack(_other), do: :error
end
