import kafka
import pymongo
import redis
from django.conf import settings
from django.db import models
from django.http import Request
from django.utils import functional
from django.views import View
