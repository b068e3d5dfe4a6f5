#!/usr/bin/env python
# -*- coding: utf-8 -*-
import a  # noqa: F401
x = 1  # limpet: ignore[LMP201] a reason
# limpet: file-ignore[LMP205]
y = []  # type: list
# an ordinary remark
if x:
    # limpet: disable[LMP201]
    pass
    # limpet: enable[LMP201]
